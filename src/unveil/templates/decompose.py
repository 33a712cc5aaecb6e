"""prototype"""
import numpy as np, cv2
cv2.setNumThreads(1)
EPS=1.0/255

def diff(x, axis):  # forward difference
    return np.diff(x,axis=axis)
def mean2(x,axis):
    return (x[:-1]+x[1:])/2 if axis==0 else (x[:,:-1]+x[:,1:])/2

class Poisson:
    def __init__(s,h,w):
        s.h,s.w=h,w
        ey=2-2*np.cos(np.pi*np.arange(1,h+1)/(h+1)); ex=2-2*np.cos(np.pi*np.arange(1,w+1)/(w+1))
        s.e=ey[:,None]+ex[None]
    def dst(s,x,axis):
        n=x.shape[axis]; sh=list(x.shape); sh[axis]=2*(n+1)
        z=np.zeros(sh,np.float32)
        sl=[slice(None)]*x.ndim; sl[axis]=slice(1,n+1); z[tuple(sl)]=x
        f=np.fft.rfft(z,axis=axis); return -2*f.imag[tuple(sl)]
    def __call__(s,x):  # h,w,k
        y=s.dst(s.dst(x,0),1)/(s.e[...,None]*4*(s.h+1)*(s.w+1))
        return s.dst(s.dst(y,0),1)

def normal_apply(u,M,inside):
    out=np.zeros_like(u)
    for axis in (0,1):
        g=np.diff(u,axis=axis); a=g[...,:1]; P=g[...,1:]
        S0,S1,S2=M[axis]['S0'],M[axis]['S1'],M[axis]['S2']
        f=np.concatenate([(S2[...,None]*a-(S1*P).sum(-1,keepdims=True)), S0[...,None]*P-S1*a],-1)
        if axis==0: out[:-1]-=f; out[1:]+=f
        else: out[:,:-1]-=f; out[:,1:]+=f
    return out*inside[...,None]

def solve(u,M,rhs,inside,steps=60,tol=1e-3):
    h,w=inside.shape; pre=Poisson(h,w)
    sc=np.zeros((h,w,4),np.float32)+1e-6
    for axis in (0,1):
        d=np.concatenate([M[axis]['S2'][...,None],np.repeat(M[axis]['S0'][...,None],3,-1)],-1)
        if axis==0: sc[:-1]+=d;sc[1:]+=d
        else: sc[:,:-1]+=d;sc[:,1:]+=d
    sc=1/np.sqrt(sc/4)
    P=lambda r: pre(r*sc)*sc*inside[...,None]
    r=rhs-normal_apply(u,M,inside); z=P(r); p=z; rz=(r*z).sum(); rz0=rz
    for k in range(steps):
        Ap=normal_apply(p,M,inside); al=rz/max((p*Ap).sum(),1e-20); u=u+al*p; r=r-al*Ap
        z=P(r); n=(r*z).sum()
        if n<tol**2*rz0 : break
        p=z+n/rz*p; rz=n
    return u,k

def pull(u):
    return u
def unblend(J,u,m):
    t=np.maximum(1-m*u[...,:1],.1)
    return np.clip((J-m*u[...,1:])/t,0,1)

def clean(u):
    a=np.clip(u[...,:1],0,1); return np.concatenate([a,np.clip(u[...,1:],0,a)],-1)

def membrane(J,inside):
    # smooth fill from outside
    h,w=inside.shape
    # multi-scale push-pull
    def pp(v,k):
        if min(v.shape[:2])<3: 
            return v/np.maximum(k,1e-6)[...,None]*(k>0)[...,None] if k.min()>0 else np.broadcast_to(v.sum((0,1))/max(k.sum(),1e-6),v.shape).copy()
        v2,k2=cv2.pyrDown(v),cv2.pyrDown(k)
        c=pp(v2,k2); up=cv2.pyrUp(c,dstsize=v.shape[1::-1])
        kk=np.minimum(k,1)[...,None]
        return np.where(k[...,None]>1e-3, v/np.maximum(k,1e-3)[...,None],0)*kk+(1-kk)*up
    k=np.float32(~inside); f=pp(J*k[...,None],k)
    for _ in range(60): f=np.where(inside[...,None],cv2.blur(f,(9,9)),J)
    return f

def decompose(stack,inside,iters=10,truth=None,gsm=True,tv=1.0,colour=3.0,l1=3,win=1.0,verbose=True,bs=1.0):
    N,h,w,_=stack.shape; m=np.ones(N); keep=np.ones(N,bool)
    u=np.zeros((h,w,4),np.float32)
    mem=[np.float16(membrane(np.float32(J)/255,inside)) for J in stack]
    for it in range(iters):
        M=[]; 
        for axis in (0,1):
            sh=(h-1,w) if axis==0 else (h,w-1)
            M.append(dict(S0=np.zeros(sh,np.float32),S1=np.zeros((*sh,3),np.float32),S2=np.zeros(sh,np.float32),T0=np.zeros((*sh,3),np.float32),T1=np.zeros(sh,np.float32)))
        bbar=np.zeros(3)
        uc=clean(u)
        if it==0: bbars=np.mean([np.float32(x).mean((0,1)) for x in mem],0)
        # work in Q=P-bbar a
        for i in range(N):
            if not keep[i]: continue
            J=np.float32(stack[i])/255
            B=np.float32(mem[i]) if it==0 else unblend(J,uc,m[i])
            if it>0 and bs>0: B=np.where(inside[...,None],cv2.GaussianBlur(B,(0,0),bs),B)
            rs=[]; 
            for axis in (0,1):
                gJ=np.diff(J,axis=axis); b=mean2(B,axis)-bbars; g=np.diff(u,axis=axis)
                Q=g[...,1:]-bbars*g[...,:1]
                r=gJ-m[i]*(Q-b*g[...,:1]); rs.append((gJ,b,r))
            if gsm and it>=l1:
                e=np.zeros((h,w),np.float32)
                e[:-1]+=(rs[0][2]**2).mean(-1)/2; e[:,:-1]+=(rs[1][2]**2).mean(-1)/2
                loc=cv2.GaussianBlur(e,(0,0),win)
            for axis in (0,1):
                gJ,b,r=rs[axis]
                r2=(r**2).mean(-1)
                if gsm and it>=l1: wt=EPS**2/(EPS**2+ .5*r2+ .5*mean2(loc,axis))
                else: wt=EPS/np.sqrt(EPS**2+r2)
                wt=np.float32(wt*m[i]**2); X=M[axis]; 
                X['S0']+=wt; X['S1']+=wt[...,None]*b; X['S2']+=wt*(b*b).sum(-1); y=gJ/m[i]
                X['T0']+=wt[...,None]*y; X['T1']-=wt*(b*y).sum(-1)
        # priors
        if it>0: 
            # shared colour
            k=lambda v: cv2.GaussianBlur(v,(0,0),6)
            A=uc[...,0]; wgt=A**1
            W=(k(wgt[...,None]*uc[...,1:])/np.maximum(k(wgt*A),1e-4)[...,None])
        for axis in (0,1):
            X=M[axis]; g=np.diff(u,axis=axis)
            if it>0:
              pw=tv*EPS**(2 if gsm and it>=l1 else 1)/ (np.sqrt(EPS**2+(g**2).mean(-1)))**(2 if gsm and it>=l1 else 1)
              X['S0']+=pw; X['S2']+=pw*.2
              if colour:
                Wm=mean2(W,axis)-bbars
                Q=g[...,1:]-bbars*g[...,:1]
                d=Q-Wm*g[...,:1]; cw=colour*EPS**2/(EPS**2+(d**2).mean(-1))
                X['S0']+=cw; X['S1']+=cw[...,None]*Wm; X['S2']+=cw*(Wm**2).sum(-1)
            else: X['S0']+=1e-3; X['S2']+=1e-3
        rhs=np.zeros((h,w,4),np.float32)
        for axis in (0,1):
            f=np.concatenate([M[axis]['T1'][...,None],M[axis]['T0']],-1)
            if axis==0: rhs[:-1]-=f; rhs[1:]+=f
            else: rhs[:,:-1]-=f; rhs[:,1:]+=f
        v=np.concatenate([u[...,:1],u[...,1:]-bbars*u[...,:1]],-1)
        v,k_=solve(v,M,rhs*inside[...,None],inside)
        u=np.concatenate([v[...,:1],v[...,1:]+bbars*v[...,:1]],-1).astype(np.float32)
        u=clean(u)
        if truth is not None and verbose:
            on=truth[...,3]>.02
            print(it,'cg',k_,'matte',np.abs(u[...,0]-truth[...,3])[on].mean().round(4),'P',np.abs(u[...,1:]-truth[...,:3])[on].mean().round(4),'out',np.abs(u[...,0])[~on].mean().round(4),flush=True)
    return u,m,keep
