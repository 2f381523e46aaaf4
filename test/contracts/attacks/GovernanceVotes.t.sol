// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {StockBase} from "../support/StockGovernor.t.sol";

/// @dev Counts what somebody holds while voting.
contract NaiveBallot {
    IERC20 private immutable coin;
    uint256 public inFavour;
    mapping(address => bool) private voted;

    constructor(IERC20 coin_) {
        coin = coin_;
    }

    function vote() external {
        require(!voted[msg.sender], "voted");
        voted[msg.sender] = true;
        inFavour += coin.balanceOf(msg.sender);
    }

    /// @dev The same votes again wherever this contract has a twin, and as often as one likes.
    function voteBySignature(address voter, bytes calldata signature) external {
        bytes32 digest = keccak256(abi.encode("vote", voter));
        require(ECDSA.recover(digest, signature) == voter, "signature");
        inFavour += coin.balanceOf(voter);
    }
}

/// @dev Takes its quorum from the supply as it is now.
contract NaiveQuorum {
    IERC20 private immutable coin;

    constructor(IERC20 coin_) {
        coin = coin_;
    }

    function quorate(uint256 votes) external view returns (bool) {
        return votes >= coin.totalSupply() / 10;
    }
}

/// @dev Adds up the delegations to somebody one by one.
contract NaiveDelegation {
    mapping(address => address[]) private delegators;
    IERC20 private immutable coin;

    constructor(IERC20 coin_) {
        coin = coin_;
    }

    function delegate(address to) external {
        delegators[to].push(msg.sender);
    }

    function votes(address of_) external view returns (uint256 total) {
        for (uint256 i = 0; i < delegators[of_].length; ++i) total += coin.balanceOf(delegators[of_][i]);
    }
}

/// @dev Holds, and does what it is told: with its votes, too.
contract NaiveTreasury {
    function execute(address target, bytes calldata data) external {
        (bool done, ) = target.call(data);
        require(done, "failed");
    }
}

/// @title Attacks on who votes with how much.
contract GovernanceVotesAttacks is StockBase {
    address private immutable thief = account("thief");

    function test_attack_flash_loaned_votes() public {
        NaiveBallot naive = new NaiveBallot(token);
        uint256 id = propose(alice, light(1));
        toVoting(id);

        // borrow, vote and give back in one transaction
        borrow(100 * M);
        vm.prank(thief);
        naive.vote();
        assertEq(naive.inFavour(), 100 * M, "the naive ballot counts a loan");

        vm.prank(thief);
        token.delegate(thief);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, thief));
        vote(thief, id, 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, thief, 0, 5 * M));
        propose(thief, heavy(1));

        // nor does a loan in the very second of a snapshot, given back in the same second
        giveBack(100 * M);
        uint256 second = propose(bob, light(2));
        vm.warp(governor.proposalSnapshot(second));
        borrow(100 * M);
        giveBack(100 * M);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, thief));
        vote(thief, second, 1);
    }

    function borrow(uint256 amount) private {
        vm.prank(whale);
        token.transfer(thief, amount);
    }

    function giveBack(uint256 amount) private {
        vm.prank(thief);
        token.transfer(whale, amount);
    }

    function test_attack_double_vote_by_moving_tokens() public {
        NaiveBallot naive = new NaiveBallot(token);
        uint256 id = propose(alice, light(1));
        vm.prank(thief);
        token.delegate(thief);
        toVoting(id);

        vm.prank(alice);
        naive.vote();
        vote(alice, id, 1);
        vm.prank(alice);
        token.transfer(thief, 40 * M);
        vm.prank(thief);
        naive.vote();
        assertEq(naive.inFavour(), 80 * M, "the naive ballot counts 40 M twice");

        vm.warp(block.timestamp + 1);
        assertEq(token.getVotes(thief), 40 * M, "the tokens have moved");
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, thief));
        vote(thief, id, 1);
        vm.prank(alice);
        token.delegate(thief);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, thief));
        vote(thief, id, 1);
        (, uint256 inFavour, ) = governor.proposalVotes(id);
        assertEq(inFavour, 40 * M, "once");
    }

    /// @dev 15 M of 200 M vote, all for printing a billion: enough for every day's quorum, not for this.
    function test_attack_low_turnout_mint() public {
        vm.prank(whale);
        token.transfer(thief, 15 * M);
        vm.prank(thief);
        token.delegate(thief);
        vm.warp(block.timestamp + 1);
        Dip memory dip = one(address(token), abi.encodeCall(IDimoToken.mint, (thief, 1_000 * M)), "mint");

        uint256 id = stockPropose(thief, dip);
        stockToVoting(id);
        stockVote(thief, id, 1);
        stockToEnd(id);
        assertStock(id, IGovernor.ProposalState.Succeeded, "stock has one quorum for everything");

        id = propose(thief, dip);
        toVoting(id);
        vote(thief, id, 1);
        toEnd(id);
        assertEq(governor.proposalQuorum(id), 20 * M, "level 3");
        assertState(id, IGovernor.ProposalState.Defeated, "not enough for level 3");
    }

    /// @dev The quorum is that of the snapshot, whatever is minted or put out of circulation during the vote.
    function test_attack_supply_change_after_the_snapshot() public {
        NaiveQuorum naive = new NaiveQuorum(token);
        uint256 id = propose(bob, heavy(1));
        toVoting(id);
        vote(bob, id, 1);
        assertTrue(naive.quorate(120 * M), "120 M are 10 % of the supply and more");

        vm.startPrank(address(timelock));
        token.mint(whale, 4_000 * M);
        vm.stopPrank();
        vm.warp(block.timestamp + 1);
        assertTrue(!naive.quorate(120 * M), "a vote that had its quorum loses it");
        assertEq(governor.circulatingSupply(block.timestamp - 1), 4_200 * M, "21 times as much circulates");
        assertEq(governor.proposalQuorum(id), 20 * M, "to this vote it doesn't matter");
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Succeeded, "30 M of 200 M");
    }

    function test_attack_treasury_votes() public {
        NaiveTreasury naive = new NaiveTreasury();
        vm.prank(address(timelock));
        treasury.spend(address(token), address(naive), 100 * M);
        bytes memory toThief = abi.encodeCall(IVotes.delegate, (thief));
        naive.execute(address(token), toThief);
        assertEq(token.getVotes(thief), 100 * M, "a naive treasury hands its votes on");

        bytes memory call = abi.encodeCall(ITreasury.execute, (address(token), 0, toThief));
        Dip memory dip = one(address(treasury), call, "delegate");
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryVotesDelegated.selector, thief));
        execute(dip);

        // neither does it vote itself, nor the address that its votes are left with
        id = propose(bob, heavy(1));
        toVoting(id);
        bytes memory cast = abi.encodeCall(IGovernor.castVote, (id, 1));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, address(treasury)));
        vm.prank(address(timelock));
        treasury.execute(address(governor), 0, cast);
        assertEq(token.delegates(address(treasury)), EXCLUDED_VOTES, "excluded");
        assertEq(EXCLUDED_VOTES.code.length, 0, "nobody's address");
    }

    function test_attack_vote_signature_replay_across_chains() public {
        uint256 key = 0xA11CE;
        address signer = vm.addr(key);
        vm.prank(whale);
        token.transfer(signer, 10 * M);
        vm.prank(signer);
        token.delegate(signer);
        vm.warp(block.timestamp + 1);

        NaiveBallot naive = new NaiveBallot(token);
        NaiveBallot twin = new NaiveBallot(token);
        bytes memory signature = signed(key, keccak256(abi.encode("vote", signer)));
        naive.voteBySignature(signer, signature);
        naive.voteBySignature(signer, signature);
        twin.voteBySignature(signer, signature);
        assertEq(naive.inFavour() + twin.inFavour(), 30 * M, "10 M, three times");

        uint256 id = propose(alice, light(1));
        toVoting(id);
        refuse(id, signer, ballot(key, id, signer, block.chainid + 1, address(governor)));
        refuse(id, signer, ballot(key, id, signer, block.chainid, address(stock)));
        refuse(id, signer, ballot(key, id + 1, signer, block.chainid, address(governor)));
        signature = ballot(key, id, signer, block.chainid, address(governor));
        governor.castVoteBySig(id, 1, signer, signature);
        assertEq(governor.nonces(signer), 1, "used");
        refuse(id, signer, signature);
    }

    function refuse(uint256 id, address signer, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, signer));
        governor.castVoteBySig(id, 1, signer, signature);
    }

    function ballot(
        uint256 key,
        uint256 id,
        address voter,
        uint256 chainId,
        address verifier
    ) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("DimoGovernor"),
                keccak256("1"),
                chainId,
                verifier
            )
        );
        bytes32 kind = keccak256("Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)");
        bytes32 content = keccak256(abi.encode(kind, id, uint8(1), voter, governor.nonces(voter)));
        return signed(key, keccak256(abi.encodePacked(hex"1901", domain, content)));
    }

    function signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev 256 strangers delegate one unit each to Alice, each in a second of its own.
    function test_attack_delegation_dust() public {
        NaiveDelegation naive = new NaiveDelegation(token);
        uint256 before = costOfVote(0);
        uint256 naiveBefore = costOfNaive(naive);
        for (uint160 i = 1; i <= 256; ++i) {
            address duster = address(0xD057 + (i << 32));
            vm.prank(whale);
            token.transfer(duster, 1);
            vm.startPrank(duster);
            token.delegate(alice);
            naive.delegate(alice);
            vm.stopPrank();
            vm.warp(block.timestamp + 1);
        }
        assertTrue(costOfNaive(naive) > naiveBefore + 256 * 1_000, "the naive sum grows by each delegator");
        assertTrue(costOfVote(1) < before + 30_000, "a vote costs a logarithm more");
        assertEq(token.getVotes(alice), 40 * M + 256, "and counts them");
    }

    function costOfNaive(NaiveDelegation naive) private view returns (uint256) {
        uint256 gas = gasleft();
        naive.votes(alice);
        return gas - gasleft();
    }

    /// @dev Alice votes, and her votes are looked up in all her checkpoints.
    function costOfVote(uint256 round) private returns (uint256) {
        uint256 id = propose(round == 0 ? bob : carol, light(round));
        toVoting(id);
        vm.prank(alice);
        uint256 gas = gasleft();
        governor.castVote(id, 1);
        return gas - gasleft();
    }
}
